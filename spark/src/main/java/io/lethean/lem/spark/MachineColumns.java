package io.lethean.lem.spark;

import io.lethean.lem.evaluation.run.Machine;
import java.util.List;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** The columns that say which machine computed an answer; all null if that is not known. */
final class MachineColumns {

    private MachineColumns() {}

    static StructType addTo(StructType schema) {
        return schema.add("backend", DataTypes.StringType, true)
                .add("kernels", DataTypes.StringType, true)
                .add("processor", DataTypes.StringType, true)
                .add("host", DataTypes.StringType, true);
    }

    static void addTo(List<@Nullable Object> row, @Nullable Machine machine) {
        row.add(machine == null ? null : machine.backend());
        row.add(machine == null ? null : machine.kernels());
        row.add(machine == null ? null : machine.processor());
        row.add(machine == null ? null : machine.host());
    }
}
