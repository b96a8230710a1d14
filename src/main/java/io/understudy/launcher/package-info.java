/**
 * The command line: it reads settings, wires every other package together and starts a host. It may
 * import all packages; none imports it. It holds no decision of its own.
 */
@NullMarked
package io.understudy.launcher;

import org.jspecify.annotations.NullMarked;
