package dev.recount.batch.compute;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.planner.row.SparkSessions;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class LaterCopiesTest {
  private static final StructType TYPE =
      StructType.fromDDL("id STRING, _arrived_at TIMESTAMP, _partition INT, _offset BIGINT");

  private record Place(String id, long arrivedMs, int partition, long offset) {
    Row row() {
      return RowFactory.create(id, new Timestamp(arrivedMs), partition, offset);
    }
  }

  /** Few ids, arrivals that are often the same in two partitions, offsets beyond an int. */
  private static List<Place> places() {
    Random random = new Random(17);
    List<Place> places = new ArrayList<>();
    for (int partition = 0; partition < 3; partition++) {
      long arrivedMs = 0;
      for (int i = 0; i < 500; i++) {
        arrivedMs += random.nextInt(3);
        int number = random.nextInt(120);
        String id = number == 0 ? null : number == 1 ? "" : "id " + number;
        places.add(new Place(id, arrivedMs, partition, (1L << 40) * partition + i));
      }
    }
    return places;
  }

  @Test
  void allButTheFirstOfAnId_areCopies() {
    List<Place> places = places();
    Set<Place> first =
        new HashSet<>(
            places.stream()
                .filter(place -> place.id() != null)
                .sorted(
                    Comparator.comparingLong(Place::arrivedMs)
                        .thenComparingInt(Place::partition)
                        .thenComparingLong(Place::offset))
                .collect(
                    HashMap<String, Place>::new,
                    (seen, place) -> seen.putIfAbsent(place.id(), place),
                    Map::putAll)
                .values());
    SparkSession spark = SparkSessions.local("later copies", 2);
    try {
      LaterCopies copies =
          LaterCopies.find(
              spark.createDataFrame(places.stream().map(Place::row).toList(), TYPE), "id");
      for (Place place : places) {
        assertThat(copies.contains(place.partition(), place.offset()))
            .as(place.toString())
            .isEqualTo(place.id() != null && !first.contains(place));
      }
      assertThat(copies.count())
          .isEqualTo(places.stream().filter(p -> p.id() != null).count() - first.size());
      assertThat(copies.contains(9, 0)).isFalse();
    } finally {
      spark.stop();
    }
  }
}
