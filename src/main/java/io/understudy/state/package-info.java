/**
 * The state of one module as an ordered log of updates that a group of copies keeps, pure.
 *
 * <p>{@link io.understudy.state.Replica} is one copy's share in its group: {@link
 * io.understudy.state.Replica#decide} takes what happened and says what to do about it; it knows no
 * clock, no network and no disk. An update that was acknowledged is in the log of every later
 * sequencer of the module, as long as one copy in sync lives (DESIGN.md, section 4; I4, I7).
 */
@NullMarked
package io.understudy.state;

import org.jspecify.annotations.NullMarked;
