package io.lethean.lem.convert;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;

/** The value of {@code general.size_label}: how many values a model has, as {@code 1.6M}, or {@code 8x7B} with experts. */
final class SizeLabel {

    private SizeLabel() {}

    /** How many values the tensors have together. */
    static long parameters(List<PlannedTensor> tensors) {
        return tensors.stream().mapToLong(PlannedTensor::elements).sum();
    }

    static String of(List<PlannedTensor> tensors) {
        long shared = 0;
        long perExpert = 0;
        long experts = 0;
        long stacks = 0;
        for (PlannedTensor tensor : tensors) {
            boolean stacked = tensor.name().contains("_exps.") && tensor.dims().size() >= 3;
            if (stacked) {
                boolean bias = tensor.name().contains(".bias");
                long count = tensor.dims().get(bias ? 1 : 2);
                perExpert += tensor.elements() / count;
                experts += count;
                stacks++;
            } else {
                shared += tensor.elements();
            }
        }
        long count = stacks == 0 ? 0 : experts / stacks;
        return count > 0 ? count + "x" + rounded(shared + perExpert) : rounded(parameters(tensors));
    }

    private static String rounded(long count) {
        if (count > 1e12) {
            return rounded(count * 1e-12, "T");
        }
        if (count > 1e9) {
            return rounded(count * 1e-9, "B");
        }
        return count > 1e6 ? rounded(count * 1e-6, "M") : rounded(count * 1e-3, "K");
    }

    /** At least two digits. */
    private static String rounded(double scaled, String unit) {
        BigDecimal exact = new BigDecimal(scaled);
        String whole = exact.setScale(0, RoundingMode.HALF_EVEN).toPlainString();
        int digits = whole.equals("0") ? 0 : whole.length();
        return exact.setScale(Math.max(2 - digits, 0), RoundingMode.HALF_EVEN).toPlainString() + unit;
    }
}
