using Microtome.Imaging;
using Microtome.Learning.Supervision.InstanceMasks;

namespace Microtome.Learning.Tests.Supervision;

public class InstanceTargetsTests
{
    [Fact]
    public void Compute_RandomBlobs_EqualsBruteForce()
    {
        var random = new Random(4);
        var labels = new Raster<int>(40, 30);
        for (var k = 1; k <= 9; k++)
        {
            var (cx, cy, r) = (random.Next(40), random.Next(30), 2 + random.Next(5));
            for (var y = 0; y < 30; y++)
            {
                for (var x = 0; x < 40; x++)
                {
                    if (((x - cx) * (x - cx)) + ((y - cy) * (y - cy)) <= r * r)
                        labels[x, y] = k * 7;
                }
            }
        }

        var targets = InstanceTargets.Compute(labels);
        var raw = new Raster<double>(40, 30);
        var largest = new Dictionary<int, double>();
        for (var y = 0; y < 30; y++)
        {
            for (var x = 0; x < 40; x++)
            {
                var label = labels[x, y];
                if (label == 0)
                    continue;
                var nearest = double.MaxValue;
                for (var v = 0; v < 30; v++)
                {
                    for (var u = 0; u < 40; u++)
                    {
                        if (labels[u, v] != label)
                            nearest = Math.Min(nearest, Math.Sqrt(((u - x) * (u - x)) + ((v - y) * (v - y))));
                    }
                }

                raw[x, y] = nearest;
                largest[label] = Math.Max(largest.GetValueOrDefault(label), nearest);
            }
        }

        for (var y = 0; y < 30; y++)
        {
            for (var x = 0; x < 40; x++)
            {
                var expected = labels[x, y] == 0 ? 0 : raw[x, y] / largest[labels[x, y]];
                Assert.Equal(expected, targets.Distance[x, y], 1e-5);
                var near = new HashSet<int>();
                for (var v = Math.Max(y - 2, 0); v <= Math.Min(y + 2, 29); v++)
                {
                    for (var u = Math.Max(x - 2, 0); u <= Math.Min(x + 2, 39); u++)
                        near.Add(labels[u, v]);
                }

                near.Remove(0);
                Assert.Equal(near.Count >= 2 ? 1 : 0, targets.Contact[x, y]);
            }
        }
    }
}
