# The usrsctp stack's part of the reactor room, relative to reactor/.
set(LKSCTP_USRSCTP_STACK_SOURCES
  src/stack/usrsctp/flow_table.cc
  src/stack/usrsctp/sctp_packet.cc
  src/stack/usrsctp/udp_socket.cc
  src/stack/usrsctp/usrsctp_engine.cc
  src/stack/usrsctp/usrsctp_engine_turns.cc
  src/stack/usrsctp/usrsctp_library.cc
  src/stack/usrsctp/usrsctp_options.cc
  src/stack/usrsctp/usrsctp_socket.cc
  src/stack/usrsctp/usrsctp_socket_data.cc
  src/stack/usrsctp/usrsctp_stack.cc)
