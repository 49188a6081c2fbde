"""Checks the libraries of a platform without running them: format, what they need of the system, and what they export.

    scripts/check-natives PLATFORM FOLDER

Prints a line for each library. Linux: the greatest version of a glibc symbol, which must not be above the one in
native/PLATFORMS_VERSION. macOS: the deployment target, the signature, the search path. All: no library is needed but those of the
folder and of the system, and every function that the Java code calls is exported.
"""

import pathlib
import re
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent.parent

# What every system of the platform has.
SYSTEM = {
    "linux": r"(lib(c|m|dl|rt|pthread)\.so\.\d+|ld-linux-(x86-64|aarch64)\.so\.\d)",
    "windows": r"(kernel32|advapi32|ws2_32|ntdll|bcrypt|ucrtbase|api-ms-win-crt-[a-z0-9-]+)\.dll",
    "macos": r"/(usr/lib/lib[A-Za-z0-9+.]+\.dylib|System/Library/Frameworks/.*)",
}
BASE = {"linux": "lib%s.so", "windows": "%s.dll", "macos": "lib%s.dylib"}
PLUGIN = {"linux": "libggml-", "windows": "ggml-", "macos": "libggml-"}
# What the driver of a device brings; without it ggml does not load the plugin.
DRIVER = {"cuda": r"libcuda\.so\.1|nvcuda\.dll", "vulkan": r"libvulkan\.so\.1|vulkan-1\.dll"}


class Wrong(Exception):
    """A rule that a library breaks."""


class Library:
    """A file with little-endian numbers."""

    def __init__(self, path):
        self.name = path.name
        self.data = path.read_bytes()
        self.needed, self.exports, self.paths, self.note = [], set(), [], ""

    def number(self, offset, form):
        try:
            return struct.unpack_from("<" + form, self.data, offset)[0]
        except struct.error:
            raise Wrong(f"is cut: its header refers to byte {offset}, and it has {len(self.data)} bytes")

    def text(self, offset):
        end = self.data.find(b"\0", offset)
        if not 0 <= offset < end:
            raise Wrong(f"is cut: its header refers to a name at byte {offset}, and it has {len(self.data)} bytes")
        return self.data[offset:end].decode("utf-8", "replace")


class Elf(Library):
    MACHINES = {62: "x86_64", 183: "aarch64"}

    def __init__(self, path):
        super().__init__(path)
        if self.data[:6] != b"\x7fELF\x02\x01":
            raise Wrong("is not an ELF library of 64 bits")
        self.platform = "linux-" + self.MACHINES.get(self.number(18, "H"), "unknown")
        self.segments = [self.segment(i) for i in range(self.number(56, "H"))]
        self.read_dynamic()

    def require(self, pin):
        glibc = pin("glibc")
        versions = sorted(tuple(map(int, v[6:].split("."))) for v in self.versions if re.fullmatch(r"GLIBC_[\d.]+", v))
        greatest = versions[-1] if versions else (0,)
        self.note = "glibc " + ".".join(map(str, greatest))
        if greatest > tuple(map(int, glibc.split("."))):
            raise Wrong(f"needs {self.note}, and {glibc} is the latest that it may need")
        foreign = [v for v in self.versions if v.startswith(("GLIBCXX_", "CXXABI_", "GCC_"))]
        if foreign:
            raise Wrong(f"needs the compiler's own library: {', '.join(sorted(foreign))}")
        shared = sorted(name for name in self.exports if name.startswith(("_ZTVN10__cxxabiv1", "_ZTIN10__cxxabiv1", "__cxa_", "_Unwind_")))
        if shared:
            raise Wrong(f"exports parts of its C++ library, which those of others would take: {', '.join(shared[:3])}")
        if "$ORIGIN" not in self.paths:
            raise Wrong("does not look for other libraries in its own folder ($ORIGIN)")

    def segment(self, index):
        at = self.number(32, "Q") + index * self.number(54, "H")
        kind, offset, address, length = self.number(at, "I"), self.number(at + 8, "Q"), self.number(at + 16, "Q"), self.number(at + 32, "Q")
        if kind == 1 and offset + length > len(self.data):
            raise Wrong(f"is cut: a segment ends at byte {offset + length}, and it has {len(self.data)} bytes")
        return kind, offset, address, length

    def place(self, address):
        for kind, offset, start, length in self.segments:
            if kind == 1 and start <= address < start + length:
                return offset + address - start
        raise Wrong(f"has no segment for the address {address:#x}")

    def read_dynamic(self):
        tags = {}
        needed = []
        for kind, offset, _, length in self.segments:
            for at in range(offset, offset + length, 16) if kind == 2 else ():
                tag, value = self.number(at, "Q"), self.number(at + 8, "Q")
                if tag == 1:
                    needed.append(value)
                elif tag:
                    tags[tag] = value
        strings = self.place(tags[5])
        self.needed = [self.text(strings + at) for at in needed]
        self.paths = [p for tag in (15, 29) if tag in tags for p in self.text(strings + tags[tag]).split(":")]
        symbols, count = self.place(tags[6]), self.symbols(tags)
        for i in range(1, count):
            at = symbols + i * 24
            if self.number(at + 6, "H") and self.number(at + 4, "B") >> 4:
                self.exports.add(self.text(strings + self.number(at, "I")))
        self.versions = set()
        at = self.place(tags[0x6FFFFFFE]) if 0x6FFFFFFE in tags else 0
        for _ in range(tags.get(0x6FFFFFFF, 0)):
            entry = at + self.number(at + 8, "I")
            for _ in range(self.number(at + 2, "H")):
                self.versions.add(self.text(strings + self.number(entry + 8, "I")))
                entry += self.number(entry + 12, "I")
            at += self.number(at + 12, "I")

    def symbols(self, tags):
        """The number of dynamic symbols, which only the hash tables tell."""
        if 4 in tags:
            return self.number(self.place(tags[4]) + 4, "I")
        table = self.place(tags[0x6FFFFEF5])
        buckets, first, words = (self.number(table + i, "I") for i in (0, 4, 8))
        start = table + 16 + words * 8
        last = max(self.number(start + i * 4, "I") for i in range(buckets))
        if last < first:
            return first
        chain = start + buckets * 4
        while not self.number(chain + (last - first) * 4, "I") & 1:
            last += 1
        return last + 1


class Pe(Library):
    MACHINES = {0x8664: "x86_64", 0xAA64: "aarch64"}

    def __init__(self, path):
        super().__init__(path)
        if self.data[:2] != b"MZ" or self.data[(head := self.number(0x3C, "I")) : head + 4] != b"PE\0\0":
            raise Wrong("is not a library of Windows")
        self.platform = "windows-" + self.MACHINES.get(self.number(head + 4, "H"), "unknown")
        optional = head + 24
        if self.number(optional, "H") != 0x20B:
            raise Wrong("is not a library of 64 bits")
        first = optional + self.number(head + 20, "H")
        self.sections = [[self.number(first + i * 40 + at, "I") for at in (12, 8, 20, 16)] for i in range(self.number(head + 6, "H"))]
        for _, _, offset, length in self.sections:
            if offset + length > len(self.data):
                raise Wrong(f"is cut: a section ends at byte {offset + length}, and it has {len(self.data)} bytes")
        if exports := self.number(optional + 112, "I"):
            at = self.place(exports)
            names = self.place(self.number(at + 32, "I"))
            self.exports = {self.text(self.place(self.number(names + i * 4, "I"))) for i in range(self.number(at + 24, "I"))}
        at = self.place(self.number(optional + 120, "I"))
        while name := self.number(at + 12, "I"):
            self.needed.append(self.text(self.place(name)).lower())
            at += 20

    def require(self, pin):
        self.note = "64 bits"

    def place(self, address):
        for start, size, offset, length in self.sections:
            if start <= address < start + max(size, length):
                return offset + address - start
        raise Wrong(f"has no section for the address {address:#x}")


class MachO(Library):
    MACHINES = {0x100000C: "aarch64", 0x1000007: "x86_64"}

    def __init__(self, path):
        super().__init__(path)
        if self.number(0, "I") != 0xFEEDFACF:
            raise Wrong("is not a Mach-O library of 64 bits")
        self.platform = "macos-" + self.MACHINES.get(self.number(4, "I"), "unknown")
        self.least, self.signed, at = (), False, 32
        for _ in range(self.number(16, "I")):
            kind, length = self.number(at, "I"), self.number(at + 4, "I")
            if kind == 0x19 and self.number(at + 40, "Q") + self.number(at + 48, "Q") > len(self.data):
                raise Wrong("is cut: a segment ends after the file")
            if kind in (0xC, 0x80000018):
                self.needed.append(self.text(at + self.number(at + 8, "I")))
            elif kind == 0x8000001C:
                self.paths.append(self.text(at + self.number(at + 8, "I")))
            elif kind == 0x32:
                self.least = (self.number(at + 12, "I") >> 16, self.number(at + 12, "I") >> 8 & 255)
            elif kind == 0x1D:
                self.signed = True
            elif kind == 2:
                self.read_symbols(at)
            at += length

    def require(self, pin):
        target = pin("macos")
        self.note = "macOS %d.%d" % (self.least or (0, 0)) + (", signed" if self.signed else "")
        if not self.least or self.least > tuple(map(int, target.split("."))):
            raise Wrong(f"needs {self.note}, and {target} is the latest that it may need")
        if not self.signed:
            raise Wrong("has no signature, without which no Mac with Apple's processor loads it (codesign --sign - FILE)")
        if "@loader_path" not in self.paths:
            raise Wrong("does not look for other libraries in its own folder (@loader_path)")

    def read_symbols(self, command):
        symbols, count, strings = (self.number(command + at, "I") for at in (8, 12, 16))
        for i in range(count):
            at = symbols + i * 16
            kind = self.number(at + 4, "B")
            if kind & 1 and kind & 0xE and not kind & 0x10:
                self.exports.add(self.text(strings + self.number(at, "I")).removeprefix("_"))


def pinned(name):
    return re.search(rf"^{name}=(.*)$", (HERE / "native/PLATFORMS_VERSION").read_text("utf-8"), re.M).group(1)


def functions():
    """What the Java code calls, and the entries that ggml looks for in a backend."""
    return re.findall(r"^--include-function (\w+)", (HERE / "native/bindings/includes.txt").read_text("utf-8"), re.M)


def backend(plugin):
    """cpu for libggml-cpu-haswell.so, metal for libggml-metal.so."""
    return re.match(r"(?:lib)?ggml-([a-z0-9]+)", plugin).group(1)


FORMATS = {"linux": Elf, "windows": Pe, "macos": MachO}


def check(platform, folder):
    system = platform.split("-")[0]
    if system not in SYSTEM:
        sys.exit(f"check-natives: the platform {platform} is unknown; it begins with linux, macos or windows.")
    main = [BASE[system] % name for name in ("lem-ggml-base", "lem-ggml", "lem-llama", "lem-shim")]
    plugins = sorted(path.name for path in folder.glob(PLUGIN[system] + "[a-z]*"))
    variants = [name for name in plugins if backend(name) == "cpu"]
    wrong, exports = [], set()
    if not variants:
        wrong.append(f"{folder} has no CPU backend ({PLUGIN[system]}cpu*)")
    for name in main + plugins:
        try:
            if not (folder / name).is_file():
                raise Wrong("does not exist")
            library = FORMATS[system](folder / name)
            if library.platform != platform:
                raise Wrong(f"was built for {library.platform}, and {platform} is expected")
            library.require(pinned)
            for other in library.needed:
                own = other.removeprefix("@rpath/") in main
                driver = name in plugins and re.fullmatch(DRIVER.get(backend(name), ""), other)
                if not own and not driver and not re.fullmatch(SYSTEM[system], other):
                    raise Wrong(f"needs {other}, which is neither in the folder nor a part of every {system} system")
            if name in plugins and "ggml_backend_init" not in library.exports:
                raise Wrong("does not export ggml_backend_init, so ggml cannot load it")
            exports |= library.exports if name in main else set()
            print(f"{name:<32} {len(library.data) / 1e6:6.2f} MB  {library.note}")
        except Wrong as reason:
            wrong.append(f"{folder / name} {reason}")
    missing = [name for name in functions() if name not in exports]
    if missing and not wrong:
        wrong.append(f"the libraries in {folder} lack {len(missing)} functions that the Java code calls: {', '.join(missing[:5])}")
    for sentence in wrong:
        print(f"check-natives: {sentence}.", file=sys.stderr)
    if wrong:
        sys.exit(1)
    devices = "".join(f", {backend(name)}" for name in plugins if name not in variants)
    print(f"{platform}: {len(main)} libraries, {len(variants)} variants of the CPU backend{devices}, all {len(functions())} functions exported")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("check-natives needs a platform and a folder, as in: scripts/check-natives linux-x86_64 FOLDER")
    check(sys.argv[1], pathlib.Path(sys.argv[2]))
