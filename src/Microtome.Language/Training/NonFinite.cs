using System.Globalization;
using Microtome.Networks;
using static Microtome.Torch.torch;

namespace Microtome.Language;

/// <summary>Says where in a model numbers ceased to be numbers.</summary>
internal static class NonFinite
{
    /// <summary>The first part, in the order in which they are computed, whose weights, output or gradient is not finite.</summary>
    public static string Find(TextModel model, Tensor? tokens)
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (name, parameter) in model.named_parameters())
        {
            if (!parameter.isfinite().all().item<bool>())
                return $"the weights '{name}' are not finite";
        }

        if (tokens is not null)
        {
            string? found = null;
            model.Transformer.Watch = (layer, output) =>
            {
                if (found is null && !output.isfinite().all().item<bool>())
                    found = string.Create(CultureInfo.InvariantCulture, $"layer {layer + 1} of {model.Transformer.Layers.Count} is the first whose output is not finite");
            };
            try
            {
                model.Encode(tokens);
            }
            finally
            {
                model.Transformer.Watch = null;
            }

            if (found is not null)
                return found;
        }

        foreach (var (name, parameter) in model.named_parameters().Reverse())
        {
            if (parameter.grad is { } gradient && !gradient.isfinite().all().item<bool>())
                return $"the gradient of '{name}' is not finite";
        }

        return "in the head over the vocabulary";
    }
}
