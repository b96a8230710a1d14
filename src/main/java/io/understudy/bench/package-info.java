/**
 * {@code deploy/bench}: how long failures last and how large a table may be, measured on this
 * machine. It starts real processes and real hosts, fails them for real, and takes every time where
 * the effect is seen, in the copy itself, not in the bookkeeping of what is measured. It prints the
 * figures with the machine and the settings they were taken on, and leaves nothing running.
 */
@NullMarked
package io.understudy.bench;

import org.jspecify.annotations.NullMarked;
