using System.Runtime.CompilerServices;
using static Microtome.Torch.torch;

namespace Microtome.Torch.Worker;

/// <summary>Every collective against a closed form in rank r and world size n.</summary>
internal static class Collectives
{
    public static void Run()
    {
        using var scope = NewDisposeScope();
        int rank = distributed.get_rank(), size = distributed.get_world_size();
        long sumOfRanks = size * (size - 1) / 2;

        foreach (var (op, expected) in new[]
        {
            (ReduceOp.SUM, (double)sumOfRanks + size), (ReduceOp.AVG, (sumOfRanks + size) / (double)size), (ReduceOp.MIN, 1.0), (ReduceOp.MAX, size),
            (ReduceOp.PRODUCT, Enumerable.Range(1, size).Aggregate(1.0, (a, b) => a * b)),
        })
        {
            var t = full([3, 2], rank + 1.0);
            distributed.all_reduce(t, op);
            Check(t, Enumerable.Repeat(expected, 6));
        }

        // a view with gaps: the values arrive in it and nothing beside it changes
        var wide = arange(0, 12, 1, float32).reshape(3, 4) * (rank + 1.0);
        distributed.all_reduce(wide.select(1, 2));
        Check(wide.select(1, 2), new double[] { 2, 6, 10 }.Select(v => v * (sumOfRanks + size)));
        Check(wide.select(1, 1), new double[] { 1, 5, 9 }.Select(v => v * (rank + 1)));

        var whole = tensor([(long)rank, 5]);
        distributed.all_reduce(whole);
        Check(whole, [sumOfRanks, 5 * size]);
        var refused = false;
        try
        {
            distributed.all_reduce(whole, ReduceOp.AVG);
        }
        catch (TorchException e)
        {
            refused = e.Message.Contains("not a whole number", StringComparison.Ordinal);
        }
        Check(refused, true);

        for (var root = 0; root < size; root++)
        {
            var t = full([2], rank * 10.0);
            distributed.broadcast(t, root);
            Check(t, [root * 10, root * 10]);
        }

        var gathered = Enumerable.Range(0, size).Select(_ => zeros(2)).ToArray();
        distributed.all_gather(gathered, tensor(new float[] { rank, rank * rank }));
        for (var i = 0; i < size; i++)
            Check(gathered[i], [i, i * i]);

        var own = zeros(2);
        distributed.reduce_scatter(own, [.. Enumerable.Range(0, size).Select(i => tensor(new float[] { (100 * rank) + i, i }))]);
        Check(own, [(100 * sumOfRanks) + (size * rank), size * rank]);

        // part j of process i holds 10 i + j; afterwards part i of process j holds it
        var sent = tensor([.. Enumerable.Range(0, size).Select(j => (10f * rank) + j)], [size, 1]);
        var received = zeros(size, 1);
        distributed.all_to_all_single(received, sent);
        Check(received, Enumerable.Range(0, size).Select(i => (10.0 * i) + rank));

        // rank i sends j + 1 rows to rank j
        var rows = size * (size + 1) / 2;
        var uneven = zeros(size * (rank + 1), 2);
        distributed.all_to_all_single(uneven, full([rows, 2], rank + 0.5), [.. Enumerable.Repeat(rank + 1L, size)], [.. Enumerable.Range(1, size).Select(i => (long)i)]);
        Check(uneven, Enumerable.Range(0, size).SelectMany(i => Enumerable.Repeat(i + 0.5, (rank + 1) * 2)));

        // around the ring; even ranks send first
        int next = (rank + 1) % size, previous = (rank + size - 1) % size;
        var token = full([4], (double)rank);
        var got = zeros(4);
        if (rank % 2 == 0)
            distributed.send(token, next, tag: 3);
        distributed.recv(got, previous, tag: 3);
        if (rank % 2 == 1)
            distributed.send(token, next, tag: 3);
        Check(got, Enumerable.Repeat((double)previous, 4));

        distributed.barrier();
    }

    internal static void Check(Tensor actual, IEnumerable<double> expected, double tolerance = 0, [CallerLineNumber] int line = 0)
    {
        var values = actual.to(float64).data<double>().ToArray();
        var wanted = expected.ToArray();
        if (values.Length != wanted.Length || values.Zip(wanted).Any(p => Math.Abs(p.First - p.Second) > tolerance))
            throw new InvalidOperationException($"rank {distributed.get_rank()} line {line}: expected {string.Join(' ', wanted)}, got {string.Join(' ', values)}");
    }

    private static void Check(bool actual, bool expected, [CallerLineNumber] int line = 0)
    {
        if (actual != expected)
            throw new InvalidOperationException($"rank {distributed.get_rank()} line {line}: expected {expected}, got {actual}");
    }
}
