using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microtome.Cli;

/// <summary>What a command says: its answer on standard output, everything else on standard error.</summary>
internal static class Answer
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Prints the one JSON value of a <c>--json</c> run (an object; an array for <c>bench</c>).</summary>
    public static void Json(JsonNode node) => Console.Out.WriteLine(node.ToJsonString(Indented));

    /// <summary>Prints a line of the answer for a person.</summary>
    public static void Line(string text) => Console.Out.WriteLine(text);

    /// <summary>Prints a log line; never on standard output.</summary>
    public static void Log(string text) => Console.Error.WriteLine(text);
}
