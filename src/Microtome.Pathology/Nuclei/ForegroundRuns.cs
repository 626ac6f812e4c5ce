using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Microtome.Learning;

namespace Microtome.Pathology;

/// <summary>
/// The 4-connected components of a thresholded map as lists of horizontal runs. Empty stretches cost a comparison of 32 pixels each; the buffers
/// are kept from window to window.
/// </summary>
internal sealed class ForegroundRuns
{
    private Run[] _runs = new Run[4096];
    private int _count;

    /// <summary>All runs, row by row, from the left.</summary>
    public ReadOnlySpan<Run> Runs => _runs.AsSpan(0, _count);

    /// <summary>The components in the order of their first pixel.</summary>
    public List<Component> Components { get; } = [];

    /// <summary>Finds the runs with a sample of at least <paramref name="threshold"/> and joins those that share an edge.</summary>
    public void Find(ByteMaps maps, byte threshold)
    {
        _count = 0;
        Components.Clear();
        int previousStart = 0, previousEnd = 0;
        for (var y = 0; y < maps.Height; y++)
        {
            var start = _count;
            FindRow(maps.Row(NucleusMaps.Foreground, y), threshold, y);
            Join(previousStart, previousEnd, start);
            (previousStart, previousEnd) = (start, _count);
        }

        Collect();
    }

    private void FindRow(ReadOnlySpan<byte> row, byte threshold, int y)
    {
        ref var source = ref MemoryMarshal.GetReference(row);
        var open = -1; // where the current run began
        var x = 0;
        var limit = Vector256.Create(threshold);
        for (; x <= row.Length - 32; x += 32)
        {
            var bits = Vector256.GreaterThanOrEqual(Vector256.LoadUnsafe(ref source, (nuint)x), limit).ExtractMostSignificantBits();
            if (bits == 0 && open < 0)
                continue;
            if (bits == uint.MaxValue && open >= 0)
                continue;
            var at = 0;
            while (at < 32)
            {
                var rest = (open < 0 ? bits : ~bits) >> at;
                if (rest == 0)
                    break;
                at += BitOperations.TrailingZeroCount(rest);
                if (open < 0)
                {
                    open = x + at;
                }
                else
                {
                    Add(y, open, x + at);
                    open = -1;
                }
            }
        }

        for (; x < row.Length; x++)
        {
            if (row[x] >= threshold)
            {
                if (open < 0)
                    open = x;
            }
            else if (open >= 0)
            {
                Add(y, open, x);
                open = -1;
            }
        }

        if (open >= 0)
            Add(y, open, row.Length);
    }

    private void Add(int y, int start, int end)
    {
        if (_count == _runs.Length)
            Array.Resize(ref _runs, _count * 2);
        _runs[_count] = new Run { Y = y, Start = start, End = end, Parent = _count, Next = -1 };
        _count++;
    }

    private void Join(int above, int aboveEnd, int here)
    {
        var (i, j) = (above, here);
        while (i < aboveEnd && j < _count)
        {
            ref var a = ref _runs[i];
            ref var b = ref _runs[j];
            if (a.Start < b.End && b.Start < a.End)
            {
                var (p, q) = (Root(i), Root(j));
                // The smaller index wins: the root is the first run of its component. Overlaps count towards the number of holes.
                _runs[Math.Max(p, q)].Parent = Math.Min(p, q);
                b.OverlapsAbove++;
            }

            if (a.End < b.End)
                i++;
            else
                j++;
        }
    }

    private int Root(int i)
    {
        while (_runs[i].Parent != i)
        {
            _runs[i].Parent = _runs[_runs[i].Parent].Parent;
            i = _runs[i].Parent;
        }

        return i;
    }

    private void Collect()
    {
        for (var i = 0; i < _count; i++)
        {
            ref var run = ref _runs[i];
            var root = Root(i);
            if (root == i)
            {
                run.Component = Components.Count;
                Components.Add(new Component
                {
                    FirstRun = i,
                    LastRun = i,
                    Left = run.Start,
                    Right = run.End,
                    Top = run.Y,
                    Bottom = run.Y + 1,
                    Area = run.End - run.Start,
                    Holes = 0,
                });
                continue;
            }

            run.Component = _runs[root].Component;
            ref var component = ref CollectionsMarshal.AsSpan(Components)[run.Component];
            _runs[component.LastRun].Next = i;
            component.LastRun = i;
            component.Left = Math.Min(component.Left, run.Start);
            component.Right = Math.Max(component.Right, run.End);
            component.Bottom = run.Y + 1;
            component.Area += run.End - run.Start;

            // Runs are nodes, overlaps are edges: every edge beyond a tree closes a hole.
            component.Holes += run.OverlapsAbove - 1;
        }
    }

    /// <summary>A horizontal stretch [Start, End) of row Y.</summary>
    internal struct Run
    {
        public int Y;
        public int Start;
        public int End;
        public int Parent;
        public int Next;
        public int Component;
        public int OverlapsAbove;
    }

    /// <summary>A component: its runs are linked from FirstRun by Next.</summary>
    internal struct Component
    {
        public int FirstRun;
        public int LastRun;
        public int Left;
        public int Right;
        public int Top;
        public int Bottom;
        public int Area;
        public int Holes;
    }
}
