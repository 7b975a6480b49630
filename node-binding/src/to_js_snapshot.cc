// A snapshot as JavaScript objects, with the names that sockets and events have.
#include <string>

#include "to_js.h"

namespace lksctp::node {
namespace {

template <typename Id>
double number(Id id) {
  return static_cast<double>(id.value());
}

Napi::Array names_of(Napi::Env env, const std::vector<Address>& addresses) {
  Napi::Array names = Napi::Array::New(env, addresses.size());
  for (std::uint32_t i = 0; i < addresses.size(); ++i) {
    names[i] = addresses[i].ip_string();
  }
  return names;
}

void set_port(Napi::Object object, const char* name,
              const std::vector<Address>& addresses) {
  if (addresses.empty()) return;
  object[name] = static_cast<double>(addresses.front().port);
}

Napi::Object to_js(Napi::Env env, const EndpointRecord& endpoint) {
  Napi::Object object = Napi::Object::New(env);
  object["endpointId"] = number(endpoint.id);
  object["name"] = endpoint.name;
  object["role"] = std::string(role_name(endpoint.role));
  object["stack"] = std::string(stack_name(endpoint.stack));
  object["open"] = endpoint.open;
  object["localAddresses"] = names_of(env, endpoint.local);
  set_port(object, "localPort", endpoint.local);
  if (endpoint.udp_port) {
    object["udpPort"] = static_cast<double>(*endpoint.udp_port);
  }
  object["associations"] = static_cast<double>(endpoint.associations);
  if (endpoint.accept_error) {
    object["acceptError"] = std::string(error_code_name(
        endpoint.accept_error->code, endpoint.accept_error->errno_value));
  }
  return object;
}

Napi::Object to_js(Napi::Env env, const AssociationRecord& association,
                   const EndpointRecord* endpoint) {
  Napi::Object object = to_js(env, statistics_of(association));
  object["associationId"] = number(association.id);
  object["endpointId"] = number(association.endpoint);
  if (endpoint != nullptr) {
    object["endpoint"] = endpoint->name;
    object["stack"] = std::string(stack_name(endpoint->stack));
  }
  object["peerName"] = association.peer;
  object["role"] = std::string(role_name(association.role));
  object["state"] = static_cast<double>(association.state);
  object["stateName"] = std::string(association_state_name(association.state));
  object["created"] = milliseconds(association.created.time_since_epoch());
  if (association.established) {
    object["established"] =
        milliseconds(association.established->time_since_epoch());
  }
  object["localAddresses"] = names_of(env, association.local);
  set_port(object, "localPort", association.local);
  // As a socket has it: the paths, once they are known.
  std::vector<Address> remote;
  std::vector<PathInfo> paths;
  for (const auto& [address, path] : association.paths) {
    remote.push_back(address);
    paths.push_back(path.info);
  }
  if (remote.empty()) remote = association.remote;
  object["remoteAddresses"] = names_of(env, remote);
  set_port(object, "remotePort", remote);
  object["paths"] = node::to_js(env, paths);
  object["numberOfIncomingStreams"] =
      static_cast<double>(association.inbound_streams);
  object["numberOfOutgoingStreams"] =
      static_cast<double>(association.outbound_streams);
  return object;
}

}  // namespace

Napi::Object to_js(Napi::Env env, const Snapshot& snapshot) {
  const AssociationTable& table = snapshot.table;
  Napi::Object object = Napi::Object::New(env);
  object["seq"] = number(table.seq());
  object["time"] = milliseconds(snapshot.wall.time_since_epoch());
  object["monotonic"] = milliseconds(snapshot.monotonic.time_since_epoch());
  Napi::Array endpoints = Napi::Array::New(env);
  for (const auto& [id, endpoint] : table.endpoints()) {
    endpoints[endpoints.Length()] = to_js(env, *endpoint);
  }
  object["endpoints"] = endpoints;
  Napi::Array associations = Napi::Array::New(env);
  for (const auto& [id, association] : table.associations()) {
    associations[associations.Length()] =
        to_js(env, *association, table.endpoint(association->endpoint));
  }
  object["associations"] = associations;
  return object;
}

}  // namespace lksctp::node
