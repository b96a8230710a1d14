package io.understudy.model;

/**
 * What a host owes of one copy: a state to be in, not a step to take, so that it may be repeated
 * (I3).
 *
 * @param run which execution of the copy is meant; a higher run replaces a lower one
 * @param status {@link CopyStatus#IDLE} when the copy is to be stopped
 * @param epoch of the module; a WatchDog refuses an order of a lower one (I4)
 * @param version of the module's row in the table; a WatchDog refuses an order of a lower one
 */
public record CopyOrder(
    CopyId copy, long run, CopyStatus status, Epoch epoch, long version, Launch launch) {}
