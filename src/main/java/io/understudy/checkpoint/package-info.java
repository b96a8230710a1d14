/**
 * The Checkpoint Server: the state of every module in the database of the journal (patent [0014]).
 *
 * <p>The database is the server: a box of its own, as in FIG. 1, that every host reaches. The host
 * of a module's primary writes to it, and the one that executes a copy reads from it, without
 * anybody between them: nothing has to move when a host dies. Each write is one statement that
 * holds only while nobody has claimed the module for a higher epoch (I4), so that a writer which is
 * paused or cut off never holds a lock that its successor needs; what it has acknowledged survives
 * the death of any process (I7).
 */
@NullMarked
package io.understudy.checkpoint;

import org.jspecify.annotations.NullMarked;
