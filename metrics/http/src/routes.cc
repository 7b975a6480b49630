// What answers a request.
#include <event2/event.h>
#include <event2/http.h>

#include <algorithm>
#include <utility>

#include "gzip.h"
#include "live_page.h"
#include "lksctp/metrics/text.h"
#include "lksctp/reactor/snapshot_json.h"
#include "selections.h"
#include "server_loop.h"

namespace lksctp {
namespace {

HttpAnswer bad_request(const Error& error) {
  return HttpAnswer::text(400, error.message);
}

HttpAnswer no_snapshot() { return HttpAnswer::text(503, "no snapshot yet"); }

}  // namespace

struct MetricsServer::Loop::Route {
  std::string_view path;
  void (Loop::*answer)(evhttp_request*, const Query&);
  bool open = false;  // to everyone
};

const MetricsServer::Loop::Route MetricsServer::Loop::kRoutes[] = {
    {"/", &Loop::root},         {"/metrics", &Loop::metrics},
    {"/status", &Loop::page},   {"/status.json", &Loop::status_json},
    {"/events", &Loop::events}, {"/healthz", &Loop::healthz, /*open=*/true},
};

void MetricsServer::Loop::on_request(evhttp_request* request) {
  touch(request);
  const auto* route = std::find_if(
      std::begin(kRoutes), std::end(kRoutes),
      [path = path_of(request)](const Route& one) { return one.path == path; });
  const bool found = route != std::end(kRoutes);
  if (!found || !route->open) {
    if (auto refusal = access_.refusal(header_of(request, "Authorization"),
                                       header_of(request, "Host"))) {
      ++refused_;
      return reply(request, std::move(*refusal));
    }
  }
  if (!found) {
    return reply(request,
                 HttpAnswer::text(404, "not found; metrics are at /metrics"));
  }
  const evhttp_cmd_type method = evhttp_request_get_command(request);
  if (method != EVHTTP_REQ_GET && method != EVHTTP_REQ_HEAD) {
    HttpAnswer answer = HttpAnswer::text(405, "only GET and HEAD");
    answer.headers = {{"Allow", "GET, HEAD"}};
    return reply(request, std::move(answer));
  }
  const auto query = parse_query(query_of(request));
  if (!query) {
    return reply(request,
                 HttpAnswer::text(400, "a query is of the form ?name=value"));
  }
  (this->*route->answer)(request, *query);
}

void MetricsServer::Loop::reply(evhttp_request* request, HttpAnswer answer) {
  touch(request);
  send_answer(request, std::move(answer));
}

void MetricsServer::Loop::healthz(evhttp_request* request, const Query&) {
  reply(request, HttpAnswer::text(200, "ok"));
}

void MetricsServer::Loop::root(evhttp_request* request, const Query&) {
  // Relative: a proxy may show this server below a path of its own.
  HttpAnswer answer = HttpAnswer::text(302, "the page is at /status");
  answer.headers = {{"Location", "status"}};
  reply(request, std::move(answer));
}

void MetricsServer::Loop::page(evhttp_request* request, const Query&) {
  const LivePage& page = live_page();
  // Literals, which end with a null character.
  HttpAnswer answer{.code = 200, .content_type = page.content_type.data()};
  answer.body = std::make_shared<const std::string>(page.html);
  answer.headers = {{"Content-Security-Policy", std::string(page.policy)},
                    {"Referrer-Policy", "no-referrer"}};
  reply(request, std::move(answer));
}

void MetricsServer::Loop::metrics(evhttp_request* request, const Query& query) {
  auto selection = metrics_selection(query, options_.selection);
  if (!selection) return reply(request, bad_request(selection.error()));
  const TextFormat format =
      preferred_format(header_of(request, "Accept").value_or(""));
  reply_rendered(request, content_type(format),
                 "metrics " + std::string(content_type(format)) + ' ' +
                     std::string(query_of(request)),
                 [this, format, selection = std::move(*selection),
                  began = Clock::now()](const Snapshot& snapshot) {
                   return render_metrics(snapshot, selection, format, began);
                 });
}

std::string MetricsServer::Loop::render_metrics(
    const Snapshot& snapshot, const MetricsSelection& selection,
    TextFormat format, Clock::time_point began) {
  const Clock::time_point now = Clock::now();
  const Scrape scrape{.selection = selection,
                      .facts = {.version = LKSCTP_VERSION,
                                .libevent = event_get_version(),
                                .uptime = now - started_,
                                .last = last_scrape_,
                                .host = read_host_counters()}};
  MetricsText page = to_text(snapshot, now, scrape, format);
  last_scrape_ = LastScrape{.duration = Clock::now() - began,
                            .bytes = page.text.size(),
                            .series = page.series};
  return std::move(page.text);
}

void MetricsServer::Loop::status_json(evhttp_request* request,
                                      const Query& query) {
  auto selection = status_selection(query);
  if (!selection) return reply(request, bad_request(selection.error()));
  reply_rendered(
      request, "application/json", "status " + std::string(query_of(request)),
      [this, selection = std::move(*selection)](const Snapshot& snapshot) {
        return to_json(snapshot, selection, facts());
      });
}

StatusFacts MetricsServer::Loop::facts() const {
  return {.version = LKSCTP_VERSION, .started = started_wall_};
}

void MetricsServer::Loop::reply_rendered(
    evhttp_request* request, const char* content_type, const std::string& key,
    std::function<std::string(const Snapshot&)> render) {
  const bool compressed =
      takes_gzip(header_of(request, "Accept-Encoding").value_or(""));
  snapshots_.add(
      request,
      [this, content_type, compressed, key = (compressed ? "gzip " : "") + key,
       render = std::move(render)](evhttp_request* waiting,
                                   const SnapshotPtr& snapshot) {
        if (snapshot == nullptr) return reply(waiting, no_snapshot());
        Rendered& page = rendered_[key];
        if (page.body == nullptr) {
          std::string text = render(*snapshot);
          auto smaller = compressed ? gzip(text) : std::nullopt;
          page.compressed = smaller.has_value();
          page.body = std::make_shared<const std::string>(
              smaller ? std::move(*smaller) : std::move(text));
        }
        HttpAnswer answer{
            .code = 200, .content_type = content_type, .body = page.body};
        answer.headers = {{"Vary", "Accept, Accept-Encoding"}};
        if (page.compressed)
          answer.headers.emplace_back("Content-Encoding", "gzip");
        reply(waiting, std::move(answer));
      });
}

void MetricsServer::Loop::events(evhttp_request* request, const Query& query) {
  if (!source_.watch_events) {
    return reply(request,
                 HttpAnswer::text(404, "not found; this server has no events"));
  }
  auto selection = event_selection(query, header_of(request, "Last-Event-ID"));
  if (!selection) return reply(request, bad_request(selection.error()));
  if (evhttp_request_get_command(request) == EVHTTP_REQ_HEAD) {
    return reply(request, {.code = 200,
                           .content_type = "text/event-stream",
                           .body = std::make_shared<const std::string>()});
  }
  snapshots_.add(
      request, [this, selection = std::move(*selection)](
                   evhttp_request* waiting, const SnapshotPtr& snapshot) {
        if (snapshot == nullptr) return reply(waiting, no_snapshot());
        if (streams_.full()) {
          HttpAnswer answer =
              HttpAnswer::text(503, "too many readers of /events; come later");
          answer.headers = {{"Retry-After", "10"}};
          return reply(waiting, std::move(answer));
        }
        ring_.learn(snapshot->table);
        touch(waiting);
        // Of a loop that is busy the snapshot is old: readers have seen later events.
        const EventSeq last = std::max(snapshot->table.seq(), ring_.last());
        streams_.open(waiting, selection, to_json(facts(), last), last);
      });
}

}  // namespace lksctp
