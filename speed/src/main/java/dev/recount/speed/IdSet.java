package dev.recount.speed;

/**
 * A set of ids, each as a hash of 128 bits: open addressing, 16 bytes a place. So many bits that
 * two different ids are taken for one in no life of any log. Not thread-safe.
 */
final class IdSet {
  /** A place is 16 bytes; tables are between three and six eighths full. */
  static final int MOST_BYTES_AN_ID = 43;

  private static final int LEAST_PLACES = 1 << 6;

  private long[] table = new long[2 * LEAST_PLACES];
  private int size;

  /**
   * @return false if it was in it already
   */
  boolean add(long high, long low) {
    // A place of two zeros is free.
    long filled = high == 0 && low == 0 ? 1 : low;
    int place = place(high, filled);
    if (!isFree(place)) {
      return false;
    }
    put(place, high, filled);
    size++;
    if (8L * size > 6L * places()) {
      grow();
    }
    return true;
  }

  boolean contains(long high, long low) {
    return !isFree(place(high, high == 0 && low == 0 ? 1 : low));
  }

  int size() {
    return size;
  }

  private int places() {
    return table.length / 2;
  }

  /** Where the id is, or would be. */
  private int place(long high, long low) {
    int mask = places() - 1;
    int place = (int) low & mask;
    while (!isFree(place) && (table[2 * place] != high || table[2 * place + 1] != low)) {
      place = (place + 1) & mask;
    }
    return place;
  }

  private boolean isFree(int place) {
    return table[2 * place] == 0 && table[2 * place + 1] == 0;
  }

  private void put(int place, long high, long low) {
    table[2 * place] = high;
    table[2 * place + 1] = low;
  }

  private void grow() {
    long[] old = table;
    table = new long[2 * old.length];
    for (int i = 0; i < old.length; i += 2) {
      if (old[i] != 0 || old[i + 1] != 0) {
        put(place(old[i], old[i + 1]), old[i], old[i + 1]);
      }
    }
  }
}
