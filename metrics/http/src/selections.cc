#include "selections.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <span>
#include <vector>

#include "lksctp/metrics/series.h"

namespace lksctp {
namespace {

using Names = std::set<std::string, std::less<>>;

std::string list(const Names& names) {
  std::string text;
  for (const std::string& name : names) {
    if (!text.empty()) text += ", ";
    text += name;
  }
  return text;
}

tl::unexpected<Error> bad(std::string_view parameter, std::string_view value,
                          const std::string& allowed) {
  return tl::unexpected(
      Error::invalid_argument(std::string(parameter) + " cannot be \"" +
                              std::string(value) + "\"; allowed: " + allowed));
}

Result<void> only(const Query& query, const Names& parameters) {
  for (const auto& [name, values] : query) {
    if (!parameters.contains(name)) {
      return tl::unexpected(
          Error::invalid_argument("there is no parameter \"" + name +
                                  "\" here; there are: " + list(parameters)));
    }
  }
  return {};
}

Names values_of(const Query& query, std::string_view parameter) {
  const auto found = query.find(parameter);
  return found == query.end() ? Names() : found->second;
}

// At most one value.
Result<std::optional<std::string>> value_of(const Query& query,
                                            std::string_view parameter) {
  const Names values = values_of(query, parameter);
  if (values.empty()) return std::optional<std::string>();
  if (values.size() > 1) {
    return tl::unexpected(Error::invalid_argument(std::string(parameter) +
                                                  " may be given once only"));
  }
  return std::optional(*values.begin());
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto read =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

// Narrows `shown`, where empty is all, to `wanted`, where empty is as shown.
Result<Names> narrow(std::string_view parameter, const Names& wanted,
                     const Names& shown) {
  if (wanted.empty()) return shown;
  if (!shown.empty()) {
    for (const std::string& name : wanted) {
      if (!shown.contains(name)) return bad(parameter, name, list(shown));
    }
  }
  return wanted;
}

Names all_families() {
  Names names;
  for (const Series& series : kSeries) names.insert(series.name);
  return names;
}

// "endpoint, association" up to what is shown.
std::string details_up_to(MetricsDetail most) {
  std::string text;
  for (const char* name : {"endpoint", "association", "path"}) {
    if (*metrics_detail_from_name(name) > most) break;
    if (!text.empty()) text += ", ";
    text += name;
  }
  return text;
}

std::string all_kinds() {
  Names names;
  for (std::size_t i = 0; i < kEventKinds; ++i) {
    names.emplace(event_kind_name(static_cast<EventKind>(i)));
  }
  return list(names);
}

}  // namespace

Result<MetricsSelection> metrics_selection(const Query& query,
                                           const MetricsSelection& shown) {
  if (auto known = only(query, {"detail", "endpoint", "family"}); !known) {
    return tl::unexpected(std::move(known).error());
  }
  MetricsSelection selection = shown;
  const auto detail = value_of(query, "detail");
  if (!detail) return tl::unexpected(detail.error());
  if (*detail) {
    const auto level = metrics_detail_from_name(**detail);
    if (!level || *level > shown.detail) {
      return bad("detail", **detail, details_up_to(shown.detail));
    }
    selection.detail = *level;
  }
  const Names families = values_of(query, "family");
  static const Names known_families = all_families();
  for (const std::string& name : families) {
    if (!known_families.contains(name)) {
      return bad("family", name, list(known_families));
    }
  }
  auto shown_families = narrow("family", families, shown.families);
  if (!shown_families) return tl::unexpected(shown_families.error());
  selection.families = std::move(*shown_families);
  auto endpoints =
      narrow("endpoint", values_of(query, "endpoint"), shown.endpoints);
  if (!endpoints) return tl::unexpected(endpoints.error());
  selection.endpoints = std::move(*endpoints);
  return selection;
}

bool is_sample(EventKind kind) {
  return event_kind_name(kind).ends_with("_sampled");
}

Result<StatusSelection> status_selection(const Query& query) {
  if (auto known = only(query, {"endpoint", "limit", "peer"}); !known) {
    return tl::unexpected(std::move(known).error());
  }
  StatusSelection selection{.endpoints = values_of(query, "endpoint"),
                            .peers = values_of(query, "peer")};
  const auto limit = value_of(query, "limit");
  if (!limit) return tl::unexpected(limit.error());
  if (*limit) {
    const auto count = number(**limit);
    if (!count) return bad("limit", **limit, "whole numbers, 0 and above");
    selection.limit = static_cast<std::size_t>(*count);
  }
  return selection;
}

Result<EventSelection> event_selection(
    const Query& query, std::optional<std::string_view> last_event_id) {
  if (auto known =
          only(query, {"association", "endpoint", "kind", "peer", "since"});
      !known) {
    return tl::unexpected(std::move(known).error());
  }
  EventSelection selection{.endpoints = values_of(query, "endpoint"),
                           .peers = values_of(query, "peer"),
                           .associations = values_of(query, "association")};
  std::vector<EventKind> kinds;
  for (const std::string& name : values_of(query, "kind")) {
    const auto kind = event_kind_from_name(name);
    if (!kind) return bad("kind", name, all_kinds());
    kinds.push_back(*kind);
  }
  if (!kinds.empty()) {
    selection.kinds = EventFilter::only(kinds);
    selection.samples = std::any_of(kinds.begin(), kinds.end(), is_sample);
  }
  for (const std::string& id : selection.associations) {
    if (!number(id)) return bad("association", id, "ids of associations");
  }
  const auto since = value_of(query, "since");
  if (!since) return tl::unexpected(since.error());
  if (*since) {
    const auto seq = number(**since);
    if (!seq) return bad("since", **since, "numbers of events, 0 and above");
    selection.since = EventSeq(*seq);
  }
  // Not an error when it is none of ours: clients send what they once had.
  if (const auto seq = number(last_event_id.value_or(""))) {
    selection.since = EventSeq(*seq);
  }
  return selection;
}

}  // namespace lksctp
