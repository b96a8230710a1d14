/**
 * How the words of the model are written down and read back: as JSON and CBOR in the journal and
 * between nodes, as module files and settings by people.
 *
 * <p>Identifiers are written as the text a person reads, and names written to the journal are
 * stable: a later release reads them. A text by a person either gives a value or is refused in one
 * sentence that names the key, its value and the remedy.
 */
@NullMarked
package io.understudy.wire;

import org.jspecify.annotations.NullMarked;
