using System.Numerics;
using System.Runtime.CompilerServices;

namespace Microtome.Decoding;

/// <summary>The indices of scores above a threshold, in order: a comparison of a vector, then its set bits.</summary>
internal static unsafe class ActiveUnits
{
    /// <summary>The specification.</summary>
    public static List<int> Reference(ReadOnlySpan<float> scores, float threshold)
    {
        var found = new List<int>();
        for (var i = 0; i < scores.Length; i++)
        {
            if (scores[i] > threshold)
                found.Add(i);
        }

        return found;
    }

    /// <summary>Writes the indices and returns how many there are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Collect<T>(float* scores, int count, float threshold, int* indices)
        where T : struct, ILanes<T>
    {
        var limit = T.All(threshold);
        int found = 0, i = 0;
        for (; i + T.Count <= count; i += T.Count)
        {
            for (var bits = T.Greater(T.Load(scores + i), limit); bits != 0; bits &= bits - 1)
                indices[found++] = i + BitOperations.TrailingZeroCount(bits);
        }

        for (; i < count; i++)
        {
            if (scores[i] > threshold)
                indices[found++] = i;
        }

        return found;
    }
}
