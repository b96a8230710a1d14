package io.understudy.model;

/**
 * A copy that already runs when its module registers, and is adopted instead of started ([0010]).
 *
 * @param pid its operating-system process id on that host
 */
public record RunningCopy(HostId host, long pid) {}
