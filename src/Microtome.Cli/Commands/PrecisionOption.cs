using System.CommandLine;
using Microtome.Pathology;

namespace Microtome.Cli.Commands;

/// <summary><c>--precision</c>: the arithmetic of a network.</summary>
internal static class PrecisionOption
{
    public static Option<string> Create()
    {
        var option = new Option<string>("--precision")
        {
            Description = "Arithmetic of the network: int8, float32, or auto (int8 where model and processor can).",
            HelpName = "NAME",
            DefaultValueFactory = static _ => "auto",
        };
        option.AcceptOnlyFromAmong("auto", "float32", "int8");
        return option;
    }

    public static NetworkPrecision Of(string? value) => value switch
    {
        "float32" => NetworkPrecision.Float32,
        "int8" => NetworkPrecision.Int8,
        _ => NetworkPrecision.Auto,
    };
}
