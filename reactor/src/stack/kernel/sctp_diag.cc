#include "stack/kernel/sctp_diag.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/sctp.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <string>

#include "stack/kernel/kernel_socket.h"

namespace lksctp {
namespace {

struct Request {
  nlmsghdr header{};
  inet_diag_req_v2 body{};
};

// An answer: the record, every attribute it may have, and the addresses.
constexpr std::size_t kAnswerSize = 16 * 1024;

Error system_error(int error_number, const Address& remote) {
  if (error_number == EOPNOTSUPP || error_number == EPROTONOSUPPORT) {
    return Error::make(ErrorCode::kNotSupported,
                       "the kernel's module sctp_diag is not there: modprobe "
                       "sctp_diag on the host",
                       error_number);
  }
  return Error::system(error_number, "sctp_diag", remote);
}

Request make_request(const Address& local, const Address& remote) {
  Request request;
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  request.header.nlmsg_flags = NLM_F_REQUEST;
  inet_diag_req_v2& body = request.body;
  body.sdiag_family =
      remote.family == AddressFamily::kIpv6 ? AF_INET6 : AF_INET;
  body.sdiag_protocol = IPPROTO_SCTP;
  body.idiag_ext = 1U << (INET_DIAG_INFO - 1U);
  body.idiag_states = ~0U;
  body.id.idiag_sport = htons(local.port);
  body.id.idiag_dport = htons(remote.port);
  std::memcpy(body.id.idiag_src, local.ip.data(), local.ip.size());
  std::memcpy(body.id.idiag_dst, remote.ip.data(), remote.ip.size());
  // Whichever socket it is.
  std::ranges::fill(body.id.idiag_cookie, INET_DIAG_NOCOOKIE);
  return request;
}

// The attribute's bytes; empty when there is none.
std::span<const std::byte> find_attribute(std::span<const std::byte> attributes,
                                          unsigned type) {
  nlattr header{};
  while (attributes.size() >= sizeof header) {
    std::memcpy(&header, attributes.data(), sizeof header);
    if (header.nla_len < sizeof header || header.nla_len > attributes.size()) {
      break;
    }
    if ((header.nla_type & NLA_TYPE_MASK) == type) {
      return attributes.subspan(sizeof header, header.nla_len - sizeof header);
    }
    attributes = attributes.subspan(
        std::min<std::size_t>(NLA_ALIGN(header.nla_len), attributes.size()));
  }
  return {};
}

AssociationDetails details_of(const sctp_info& info) {
  return {.tag = info.sctpi_tag,
          .incoming_queue = info.sctpi_inqueue,
          .outgoing_queue = info.sctpi_outqueue,
          .overall_error = info.sctpi_overall_error,
          .max_burst = info.sctpi_max_burst,
          .max_segment = info.sctpi_maxseg,
          .peer_tag = info.sctpi_peer_tag,
          .peer_receive_window = info.sctpi_peer_rwnd,
          .peer_capabilities = info.sctpi_peer_capable,
          .peer_sack = info.sctpi_peer_sack};
}

// Errors: an errno.
tl::expected<AssociationDetails, int> read_answer(
    std::span<const std::byte> answer, ino_t inode) {
  nlmsghdr header{};
  if (answer.size() < sizeof header) return tl::unexpected(EPROTO);
  std::memcpy(&header, answer.data(), sizeof header);
  if (header.nlmsg_len > answer.size() || header.nlmsg_len < sizeof header) {
    return tl::unexpected(EPROTO);
  }
  const auto body =
      answer.subspan(NLMSG_HDRLEN, header.nlmsg_len - NLMSG_HDRLEN);
  if (header.nlmsg_type == NLMSG_ERROR) {
    int error_number = 0;
    if (body.size() < sizeof error_number) return tl::unexpected(EPROTO);
    std::memcpy(&error_number, body.data(), sizeof error_number);
    return tl::unexpected(-error_number);
  }
  inet_diag_msg record{};
  if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY || body.size() < sizeof record) {
    return tl::unexpected(EPROTO);
  }
  std::memcpy(&record, body.data(), sizeof record);
  // Another network namespace may have an association between the same addresses.
  if (record.idiag_inode != inode) return tl::unexpected(ENOENT);
  const auto bytes =
      find_attribute(body.subspan(NLMSG_ALIGN(sizeof record)), INET_DIAG_INFO);
  sctp_info info{};
  // What is used of it has been there from the beginning (Linux 4.7).
  if (bytes.size() < offsetof(sctp_info, __reserved1)) {
    return tl::unexpected(EPROTO);
  }
  std::memcpy(&info, bytes.data(), std::min(bytes.size(), sizeof info));
  return details_of(info);
}

}  // namespace

Result<AssociationDetails> query_sctp_diag(int fd, const Address& local,
                                           const Address& remote) {
  struct stat self {};
  if (::fstat(fd, &self) != 0) {
    return tl::unexpected(system_error(errno, remote));
  }
  const FileDescriptor netlink(
      ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!netlink.valid()) return tl::unexpected(system_error(errno, remote));
  const Request request = make_request(local, remote);
  if (::send(netlink.get(), &request, sizeof request, 0) < 0) {
    return tl::unexpected(system_error(errno, remote));
  }
  alignas(nlmsghdr) std::array<std::byte, kAnswerSize> buffer;
  const ssize_t size =
      ::recv(netlink.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (size < 0) return tl::unexpected(system_error(errno, remote));
  const auto answer = read_answer(
      std::span(buffer).first(static_cast<std::size_t>(size)), self.st_ino);
  if (!answer) return tl::unexpected(system_error(answer.error(), remote));
  return *answer;
}

}  // namespace lksctp
