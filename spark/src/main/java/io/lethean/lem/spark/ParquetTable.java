package io.lethean.lem.spark;

import io.lethean.lem.evaluation.BenchmarkException;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * A folder with a Parquet table that is replaced as a whole: rows are collected in a hidden folder next to it, which takes its
 * place when it is complete. A writer that is killed leaves the old table, or no table.
 */
final class ParquetTable {

    private final SparkSession session;
    private final StructType schema;
    private final Path folder;
    private final Path fresh;

    ParquetTable(SparkSession session, StructType schema, String folder) {
        this.session = session;
        this.schema = schema;
        this.folder = new Path(folder);
        // Spark does not read names that begin with a dot.
        fresh = new Path(this.folder.getParent(), "." + this.folder.getName() + ".new");
    }

    /** A step that Spark or a file system of Hadoop takes. */
    private interface Step {
        void take() throws IOException;
    }

    private void take(Step step) {
        try {
            step.take();
        } catch (Exception failed) {
            throw new BenchmarkException(
                    "The table " + folder + " could not be written: " + SparkFault.firstLine(failed), failed);
        }
    }

    private FileSystem files() throws IOException {
        return folder.getFileSystem(session.sparkContext().hadoopConfiguration());
    }

    /** Removes what a killed writer left. */
    void begin() {
        take(() -> files().delete(fresh, true));
    }

    /** Adds rows, as one file. */
    void add(List<Row> rows) {
        take(() -> session.createDataFrame(rows, schema)
                .coalesce(1)
                .write()
                .mode(SaveMode.Append)
                .parquet(fresh.toString()));
    }

    /** Replaces the table by the rows that were added. */
    void complete() {
        take(() -> {
            files().delete(folder, true);
            if (!files().rename(fresh, folder)) {
                throw new IOException("its rows are in " + fresh + ", which could not be renamed.");
            }
        });
    }
}
