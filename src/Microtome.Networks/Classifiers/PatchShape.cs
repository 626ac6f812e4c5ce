using static Microtome.Torch.torch;

namespace Microtome.Networks;

/// <summary>Checks what a classifier of patches is given.</summary>
internal static class PatchShape
{
    /// <summary>Refuses anything but [N, 3, H, W] with sides of at least <paramref name="smallest"/> pixels.</summary>
    public static void Check(Tensor input, string network, int smallest)
    {
        var shape = input.shape;
        if (shape.Length != 4 || shape[1] != 3 || shape[2] < smallest || shape[3] < smallest)
        {
            throw new ArgumentException(
                $"{network} takes RGB patches [N, 3, H, W] with sides of at least {smallest} pixels, but the input has shape [{string.Join(", ", shape)}].");
        }
    }

    /// <summary>Refuses a number of classes below one.</summary>
    public static int CheckClasses(int classes) => classes >= 1
        ? classes
        : throw new ArgumentException($"{classes} classes: a network that classifies needs at least one.");
}
