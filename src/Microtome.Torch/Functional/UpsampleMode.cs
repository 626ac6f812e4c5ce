namespace Microtome.Torch;

/// <summary>How <c>nn.Upsample</c> finds values between samples.</summary>
public enum UpsampleMode
{
    Nearest = 0,
    Linear = 1,
    Bilinear = 2,
    Bicubic = 3,
    Trilinear = 4,
}
