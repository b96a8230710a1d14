package io.understudy.model;

/** The last column of FIG. 2. */
public enum CopyStatus {
  PRIMARY,
  BACKUP,
  IDLE
}
