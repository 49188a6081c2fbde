// Which instructions this processor and operating system let a program use.
#ifndef LEM_X86_H
#define LEM_X86_H

namespace lem {

// AVX2, FMA and F16C.
bool x86_has_avx2();

// These, and F and VL of AVX-512.
bool x86_has_avx512();

}  // namespace lem

#endif
