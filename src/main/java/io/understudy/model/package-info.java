/**
 * The words an operator types or reads: hosts, modules, copies and how they are protected.
 *
 * <p>Everything here is an immutable value that depends on nothing but the JDK. A value that exists
 * is well formed; whether it makes sense as a registration is for {@link
 * io.understudy.model.ModuleSpec#refusal()} to say.
 */
@NullMarked
package io.understudy.model;

import org.jspecify.annotations.NullMarked;
