/**
 * Runs a resource agent of the Open Cluster Framework as a copy of a module (DESIGN.md section 5).
 *
 * <p>A program between the WatchDog and the agent: it starts, monitors, promotes, demotes and stops
 * the resource as the copy's status says. The resource is stopped however the copy ends, and counts
 * as alive until it is.
 *
 * <p>Source: OCF Resource Agent API 1.1, github.com/ClusterLabs/OCF-spec.
 */
@NullMarked
package io.understudy.ocf;

import org.jspecify.annotations.NullMarked;
