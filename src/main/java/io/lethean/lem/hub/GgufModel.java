package io.lethean.lem.hub;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A model in a repository: one GGUF file, or the files that it is split into.
 *
 * @param path of the file, or of the first part
 * @param parts that are there, in order
 * @param count of parts that the name of the file speaks of; 1 for a single file
 */
record GgufModel(String path, List<RemoteFile> parts, int count) {

    private static final Pattern PART =
            Pattern.compile("(?i)(?<prefix>.+)-(?<number>\\d{5})-of-(?<count>\\d{5})\\.gguf");

    /** The types of llama.cpp and the mixes of them that names of files end with. */
    private static final Pattern QUANTIZATION = Pattern.compile(
            "(?i)(?:.*[-._/])?(?<type>(?:UD-)?(?:I?Q\\d(?:_[A-Z0-9]+)*|TQ\\d_\\d|MXFP4(?:_MOE)?|NVFP4|BF16|FP?16|FP?32))");

    /** Files with parts of a model that is not one itself: image encoders, and statistics for quantizing. */
    private static final Pattern NOT_A_MODEL = Pattern.compile("(?i).*(mmproj|imatrix).*");

    /** The models among files, the smallest first. */
    static List<GgufModel> among(List<RemoteFile> files) {
        Map<String, List<RemoteFile>> groups = new LinkedHashMap<>();
        for (RemoteFile file : files) {
            if (isGguf(file.path()) && !NOT_A_MODEL.matcher(file.name()).matches()) {
                groups.computeIfAbsent(partPath(file.path(), 1), first -> new ArrayList<>())
                        .add(file);
            }
        }
        return groups.entrySet().stream()
                .map(group -> new GgufModel(group.getKey(), List.copyOf(group.getValue()), count(group.getKey())))
                .sorted(Comparator.comparingLong(GgufModel::size).thenComparing(GgufModel::path))
                .toList();
    }

    static boolean isGguf(String path) {
        return path.toLowerCase(Locale.ROOT).endsWith(".gguf");
    }

    /** The paths of all parts of the model that a file belongs to. */
    static List<String> partPaths(String path) {
        List<String> paths = new ArrayList<>();
        for (int part = 1; part <= count(path); part++) {
            paths.add(partPath(path, part));
        }
        return paths;
    }

    /** Parts that a name speaks of; 1 if the number is missing or is nonsense. */
    private static int count(String path) {
        Matcher part = PART.matcher(path);
        return part.matches() ? Math.max(1, Integer.parseInt(part.group("count"))) : 1;
    }

    private static String partPath(String path, int number) {
        Matcher part = PART.matcher(path);
        return part.matches() && count(path) >= Integer.parseInt(part.group("number"))
                ? String.format(
                        Locale.ROOT,
                        "%s-%05d-of-%s%s",
                        part.group("prefix"),
                        number,
                        part.group("count"),
                        path.substring(path.length() - ".gguf".length()))
                : path;
    }

    boolean isComplete() {
        return parts.size() == count;
    }

    long size() {
        return parts.stream().mapToLong(RemoteFile::size).sum();
    }

    /** The quantization that the name of the file ends with, else that of its folder; empty if neither has one. */
    String quantization() {
        Matcher split = PART.matcher(path);
        String stem = split.matches() ? split.group("prefix") : path.substring(0, path.length() - ".gguf".length());
        Matcher type = QUANTIZATION.matcher(stem);
        if (!type.matches()) {
            String folder = RepoPath.folder(path);
            type = QUANTIZATION.matcher(folder.substring(0, Math.max(0, folder.length() - 1)));
        }
        return type.matches() ? type.group("type") : "";
    }

    /** Whether a name of a quantization means this model; the mark {@code UD-} of some publishers may be left out. */
    boolean isCalled(String wanted) {
        return quantization().equalsIgnoreCase(wanted);
    }

    boolean isNearlyCalled(String wanted) {
        return quantization().equalsIgnoreCase("UD-" + wanted);
    }
}
