#include "x86.h"

#include <cpuid.h>

#include <cstdint>

// Not __builtin_cpu_supports: it reads a variable of the compiler's own library, which Zig does not have.

namespace {

// Bits of Intel's manual, volume 2, CPUID.
constexpr uint32_t FMA      = 1u << 12;  // leaf 1, ECX
constexpr uint32_t OSXSAVE  = 1u << 27;
constexpr uint32_t AVX      = 1u << 28;
constexpr uint32_t F16C     = 1u << 29;
constexpr uint32_t AVX2     = 1u << 5;  // leaf 7, EBX
constexpr uint32_t AVX512F  = 1u << 16;
constexpr uint32_t AVX512VL = 1u << 31;

// Bits of the register XCR0: what the operating system saves.
constexpr uint32_t XMM_YMM     = 0x6;
constexpr uint32_t OPMASKS_ZMM = 0xe0;

struct features {
    uint32_t basic    = 0;
    uint32_t extended = 0;
    uint32_t saved    = 0;
};

features read() {
    features found;
    uint32_t a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || (c & OSXSAVE) == 0) {
        return found;
    }
    found.basic = c;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
        found.extended = b;
    }
    uint32_t high;
    __asm__("xgetbv" : "=a"(found.saved), "=d"(high) : "c"(0));
    return found;
}

bool all(uint32_t bits, uint32_t wanted) {
    return (bits & wanted) == wanted;
}

}  // namespace

bool lem::x86_has_avx2() {
    const features here = read();
    return all(here.basic, AVX | FMA | F16C) && all(here.extended, AVX2) && all(here.saved, XMM_YMM);
}

bool lem::x86_has_avx512() {
    const features here = read();
    return x86_has_avx2() && all(here.extended, AVX512F | AVX512VL) && all(here.saved, XMM_YMM | OPMASKS_ZMM);
}

