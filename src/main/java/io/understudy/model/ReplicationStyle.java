package io.understudy.model;

/** How the copies of a module back each other up (patent [0003] to [0005]). */
public enum ReplicationStyle {
  /** Only the primary runs; another copy is started when it fails. */
  COLD,
  /** Backups run beside the primary and serve nobody until one is promoted. */
  WARM,
  /** Every running copy serves, and all are primaries. */
  HOT
}
