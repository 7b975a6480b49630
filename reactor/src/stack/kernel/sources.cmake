# The kernel stack's part of the reactor room, relative to reactor/.
set(LKSCTP_KERNEL_STACK_SOURCES
  src/stack/kernel/kernel_options.cc
  src/stack/kernel/kernel_socket.cc
  src/stack/kernel/kernel_socket_data.cc
  src/stack/kernel/kernel_stack.cc
  src/stack/kernel/message_batch.cc
  src/stack/kernel/sctp_diag.cc)
