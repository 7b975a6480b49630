// Asking for the time costs no system call where programs run for real, but does
// in User Mode Linux, and there a loop that asks would be measured for nothing but
// that. In a program that links fast_clock.cc the processor's counter stands in.
#pragma once

namespace lksctp {

// From now on, where the kernel needs a system call for it, clock_gettime of this
// process does without. Takes some milliseconds there.
void make_clock_fast();

}  // namespace lksctp
