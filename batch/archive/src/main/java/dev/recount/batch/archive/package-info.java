/**
 * The archive: every event that ever arrived, once, as Parquet.
 *
 * <p>Each partition of a raw topic has a chain of files; each file begins at the position where the
 * one before ended, and creating the file named by its first position is the commit. There is no
 * offset store beside the files. {@link dev.recount.batch.archive.Archive} reads the chain, {@link
 * dev.recount.batch.archive.ArchiveService} writes it, {@link
 * dev.recount.batch.archive.ArchiveAudit} proves it.
 */
package dev.recount.batch.archive;
