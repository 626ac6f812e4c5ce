namespace Microtome.Learning;

/// <summary>How the threads of one stage spent the walk: busy and waiting add up to threads x wall time.</summary>
/// <param name="Stage">read, network, assemble, map or write.</param>
/// <param name="Threads">Threads of the stage; assembling and mapping share theirs.</param>
/// <param name="BusySeconds">Time at work, summed over the threads, seconds.</param>
/// <param name="WaitingSeconds">The rest of their time, seconds.</param>
/// <param name="Items">Blocks or tiles handled.</param>
public sealed record StageTime(string Stage, int Threads, double BusySeconds, double WaitingSeconds, int Items);
