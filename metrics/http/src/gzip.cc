#include "gzip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

namespace lksctp {

std::optional<std::string> gzip(std::string_view bytes) {
  constexpr int kLevel = 1;
  constexpr int kGzipHeader = 16;  // added to the size of the window
  constexpr int kMemoryLevel = 8;  // zlib's default
  z_stream stream{};
  if (deflateInit2(&stream, kLevel, Z_DEFLATED, MAX_WBITS + kGzipHeader,
                   kMemoryLevel, Z_DEFAULT_STRATEGY) != Z_OK) {
    return std::nullopt;
  }
  constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
  std::string result;
  result.resize(deflateBound(&stream, bytes.size()));
  std::size_t written = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    const std::size_t in = std::min(bytes.size(), kMost);
    const std::size_t out = std::min(result.size() - written, kMost);
    // zlib's interface has no const; it reads only.
    stream.next_in =
        const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(in);
    stream.next_out = reinterpret_cast<Bytef*>(result.data() + written);
    stream.avail_out = static_cast<uInt>(out);
    status = deflate(&stream, in == bytes.size() ? Z_FINISH : Z_NO_FLUSH);
    bytes.remove_prefix(in - stream.avail_in);
    written += out - stream.avail_out;
  }
  deflateEnd(&stream);
  if (status != Z_STREAM_END) return std::nullopt;
  result.resize(written);
  return result;
}

}  // namespace lksctp
