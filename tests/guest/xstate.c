// Loaded into User Mode Linux by script/guest.
//
// Its kernel 6.1 keeps the extended registers of a process in 2696 bytes, enough
// for AVX-512. A processor with more (AMX tiles) makes the host refuse to set them
// from so short a buffer, and the first process of the guest dies. What is missing
// are registers nobody in the guest can use, so here they are read and dropped, and
// written as zeros.
#include <elf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

// Not on the stack: the stacks of the guest's kernel are small. One thread calls.
static char registers[1 << 16];
static size_t size_on_host;

static long call(long request, long pid, void* address, void* data) {
  return syscall(SYS_ptrace, request, pid, address, data);
}

static long get_registers(long pid) {
  struct iovec whole = {registers, sizeof(registers)};
  const long result = call(PTRACE_GETREGSET, pid, (void*)NT_X86_XSTATE, &whole);
  if (result == 0) size_on_host = whole.iov_len;
  return result;
}

long ptrace(enum __ptrace_request request, ...) {
  va_list arguments;
  va_start(arguments, request);
  const long pid = va_arg(arguments, pid_t);
  void* address = va_arg(arguments, void*);
  void* data = va_arg(arguments, void*);
  va_end(arguments);

  if (request == PTRACE_GETREGSET && address == (void*)NT_X86_XSTATE) {
    struct iovec* wanted = data;
    const long result = get_registers(pid);
    if (result != 0) return result;
    if (wanted->iov_len > size_on_host) wanted->iov_len = size_on_host;
    memcpy(wanted->iov_base, registers, wanted->iov_len);
    return 0;
  }
  if (request == PTRACE_SETREGSET && address == (void*)NT_X86_XSTATE) {
    const struct iovec* given = data;
    if (size_on_host == 0 && get_registers(pid) != 0) return -1;
    if (given->iov_len < size_on_host) {
      struct iovec whole = {registers, size_on_host};
      memcpy(registers, given->iov_base, given->iov_len);
      memset(registers + given->iov_len, 0, size_on_host - given->iov_len);
      return call(request, pid, address, &whole);
    }
  }
  // As the C library does: what is peeked is the result.
  if (request == PTRACE_PEEKTEXT || request == PTRACE_PEEKDATA ||
      request == PTRACE_PEEKUSER) {
    long word = 0;
    return call(request, pid, address, &word) < 0 ? -1 : word;
  }
  return call(request, pid, address, data);
}
