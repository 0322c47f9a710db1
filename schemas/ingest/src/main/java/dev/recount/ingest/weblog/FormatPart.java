package dev.recount.ingest.weblog;

/** What a directive of Apache or a variable of nginx stands for. */
enum FormatPart {
  HOST("the client's address"),
  FORWARDED("X-Forwarded-For"),
  TIME("a time such as 17/May/2015:10:05:03 +0000"),
  ISO_TIME("a time such as 2015-05-17T10:05:03+00:00"),
  SECONDS("seconds since 1970"),
  MILLIS("milliseconds since 1970"),
  MICROS("microseconds since 1970"),
  WRITTEN_TIME("a time as the format has it"),
  REQUEST("the request"),
  METHOD("the method"),
  URI("the path and query"),
  PATH("the path"),
  QUERY("the query"),
  STATUS("a status"),
  BYTES("a number of bytes"),
  SENT("a number of bytes"),
  REFERRER("the referrer"),
  AGENT("the user agent"),
  OTHER("something");

  /** What errors call it. */
  final String words;

  FormatPart(String words) {
    this.words = words;
  }
}
