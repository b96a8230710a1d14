/**
 * Small applications that show how Understudy is used, and that its tests and FIG. 1 run.
 *
 * <p>They use only what an application's author would: the module API and the client.
 */
@NullMarked
package io.understudy.example;

import org.jspecify.annotations.NullMarked;
