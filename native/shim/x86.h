// Which instructions this processor and operating system let a program use.
#ifndef LEM_X86_H
#define LEM_X86_H

namespace lem {

// AVX2, FMA and F16C.
bool x86_has_avx2();

// AVX-512 F and VL besides.
bool x86_has_avx512();

}  // namespace lem

#endif
