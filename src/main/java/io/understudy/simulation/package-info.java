/**
 * {@code deploy/simulate}: whole clusters in virtual time, single-threaded, from a seed. The pure
 * cores are the real ones; hosts, their clocks, the network, the membership and the journal are
 * models that fail in every way they can. After every step the invariants of DESIGN.md are checked,
 * and when the faults stop everything must heal.
 */
@NullMarked
package io.understudy.simulation;

import org.jspecify.annotations.NullMarked;
