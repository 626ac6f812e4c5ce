using Microtome.Imaging;

namespace Microtome.Learning.Supervision.InstanceMasks;

/// <summary>Bounding boxes of the labels of a mask.</summary>
public static class LabelBoxes
{
    /// <summary>First and last column and row of every label but 0, in the order of the labels, which may have gaps.</summary>
    public static SortedDictionary<int, (int X0, int Y0, int X1, int Y1)> Of(Raster<int> labels)
    {
        var boxes = new SortedDictionary<int, (int X0, int Y0, int X1, int Y1)>();
        for (var y = 0; y < labels.Height; y++)
        {
            for (var x = 0; x < labels.Width; x++)
            {
                var label = labels[x, y];
                if (label == 0)
                    continue;
                boxes[label] = boxes.TryGetValue(label, out var box)
                    ? (Math.Min(box.X0, x), box.Y0, Math.Max(box.X1, x), y)
                    : (x, y, x, y);
            }
        }

        return boxes;
    }
}
