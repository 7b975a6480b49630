#include "lksctp/reactor/error.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>

#include "lksctp/reactor/types.h"
#include "table_builder.h"

namespace lksctp::test {
namespace {

TEST(ErrorTest, EveryCodeHasAStableName) {
  std::set<std::string_view> names;
  for (int i = 1; i <= static_cast<int>(ErrorCode::kRemoteEnded); ++i) {
    const auto name = error_code_name(static_cast<ErrorCode>(i), 0);
    EXPECT_TRUE(name.starts_with("ERR_")) << name;
    EXPECT_NE(name, "ERR_SCTP_UNKNOWN");
    EXPECT_TRUE(names.insert(name).second) << name;
  }
  EXPECT_EQ(error_code_name(ErrorCode::kInvalidArgument, 0),
            "ERR_INVALID_ARG_VALUE");
  EXPECT_EQ(error_code_name(ErrorCode::kMessageTooLarge, 0),
            "ERR_SCTP_MESSAGE_TOO_LARGE");
  EXPECT_EQ(error_code_name(ErrorCode::kStackInUse, 0),
            "ERR_SCTP_STACK_IN_USE");
  EXPECT_EQ(error_code_name(ErrorCode::kRemoteEnded, 0),
            "ERR_SCTP_REMOTE_ENDED");
}

TEST(ErrorTest, SystemErrorsAreNamedByTheirErrno) {
  EXPECT_EQ(error_code_name(ErrorCode::kSystem, ECONNREFUSED), "ECONNREFUSED");
  EXPECT_EQ(error_code_name(ErrorCode::kSystem, 123456), "ERR_SCTP_SYSTEM");
  EXPECT_EQ(error_code_name(ErrorCode::kSystem, 0), "ERR_SCTP_SYSTEM");
}

TEST(ErrorTest, SystemKeepsWhatAProgramAsksFor) {
  const Error error =
      Error::system(EADDRINUSE, "bind", address("127.0.0.1"), "use another");
  EXPECT_EQ(error.code, ErrorCode::kSystem);
  EXPECT_EQ(error.errno_value, EADDRINUSE);
  EXPECT_EQ(error.operation, "bind");
  EXPECT_EQ(error.address, address("127.0.0.1"));
  EXPECT_EQ(error.to_string(),
            "EADDRINUSE: bind 127.0.0.1:2905: address already in use; use "
            "another");
}

TEST(ErrorTest, TextWithoutOperationOrAddress) {
  EXPECT_EQ(Error::invalid_argument("no address").to_string(),
            "ERR_INVALID_ARG_VALUE: no address");
  EXPECT_EQ(Error::system(123456, "read").to_string(),
            "ERR_SCTP_SYSTEM: read: error 123456");
}

TEST(TypesTest, StackNames) {
  EXPECT_EQ(stack_name(StackKind::kKernel), "kernel");
  EXPECT_EQ(stack_name(StackKind::kUsrsctp), "usrsctp");
  EXPECT_EQ(stack_name(StackKind::kScripted), "scripted");
}

}  // namespace
}  // namespace lksctp::test
