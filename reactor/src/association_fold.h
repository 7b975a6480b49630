// One event on its way into the association table: what each kind of event does.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "lksctp/reactor/association_table.h"

namespace lksctp {

// One event on its way into the table. The overloads of `fold` take what is
// about an association the table knows.
class AssociationTable::Fold {
 public:
  Fold(AssociationTable& table, const Event& event)
      : table_(table), event_(event) {}

  void run();

 private:
  using PeerKey = Peers::key_type;

  // The record to write to; null when there is none. A clone is put in its place
  // when a copy of the table shares it.
  template <typename Map, typename Key>
  typename Map::Record* find(Map& map, const Key& key) {
    return map.writable(key, table_.ownership_);
  }

  PeerKey peer_key(const AssociationRecord& record) const {
    return {table_.endpoint(record.endpoint)->name, record.peer};
  }
  PeerRecord& peer_of(const AssociationRecord& record) {
    return *find(table_.peers_, peer_key(record));
  }
  EndpointRecord& endpoint_of(const AssociationRecord& record) {
    return *find(table_.endpoints_, record.endpoint);
  }
  // REQUIRES: an endpoint or a peer has the name.
  EndpointTotals& totals_of(const std::string& endpoint) {
    return *find(table_.totals_, endpoint);
  }
  EndpointTotals& totals_of(const AssociationRecord& record) {
    return totals_of(table_.endpoint(record.endpoint)->name);
  }

  EndpointTotals& touch_totals(const std::string& endpoint);
  void release_totals(const std::string& endpoint);
  PeerRecord& touch_peer(const std::string& endpoint, const std::string& peer);
  AssociationRecord* begin(EndpointRole role, const std::string& peer);
  void set_state(AssociationRecord& record, AssociationState state);
  void went_up(AssociationRecord& record);
  void went_down(AssociationRecord& record);
  [[nodiscard]] bool is_loss(const AssociationRecord& record) const;
  void count_notification(const Notification& notification);
  void release_endpoint(EndpointId id);

  void open(const EndpointOpened& body);
  void end(const AssociationClosed& body);
  void forget(const PeerForgotten& body);

  void fold(AssociationRecord& record, const AssociationChange& change);
  void fold(AssociationRecord& record, const PeerAddressChange& change);
  void fold(AssociationRecord& record, const RemoteError& error);
  void fold(AssociationRecord& record, const ShutdownEvent&);
  void fold(AssociationRecord& record, const StreamChange& change);
  void fold(AssociationRecord& record, const ShutdownRequested&);
  void fold(AssociationRecord& record, const AbortRequested&);
  void fold(AssociationRecord& record, const ConnectFailed&);
  void fold(AssociationRecord& record, const OptionsChanged& body);
  void fold(AssociationRecord& record, const MessageFailed& body);
  void fold(AssociationRecord& record, const StatusSampled& body);
  void fold(AssociationRecord& record, const PathsSampled& body);
  void fold(AssociationRecord& record, const LocalAddressesSampled& body);
  void fold(AssociationRecord& record, const TrafficSampled& body);
  void fold(AssociationRecord& record, const StatisticsSampled& body);
  void fold(AssociationRecord& record, const ReceiveFailed& body);

  AssociationTable& table_;
  const Event& event_;
};

}  // namespace lksctp
