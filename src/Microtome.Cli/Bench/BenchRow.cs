using System.Text.Json.Nodes;

namespace Microtome.Cli;

/// <summary>One figure of a benchmark, next to a peer on the same work and to what the machine could give at most.</summary>
/// <param name="Name">What is measured.</param>
/// <param name="Value">Our figure.</param>
/// <param name="Unit">Its unit.</param>
internal sealed record BenchRow(string Name, double Value, string Unit)
{
    /// <summary>Whom we compare with, name and version; null when there is none.</summary>
    public string? Peer { get; init; }

    /// <summary>The peer's figure in the same unit.</summary>
    public double? PeerValue { get; init; }

    /// <summary>A lower value is better (seconds); false for rates.</summary>
    public bool LowerIsBetter { get; init; }

    /// <summary>What bounds the figure: a target or a limit of the machine.</summary>
    public string? Limit { get; init; }

    /// <summary>The bound in the same unit (or of the ratio, when <see cref="Limit"/> says so).</summary>
    public double? LimitValue { get; init; }

    /// <summary>How many times better than the peer we are; above 1 we win.</summary>
    public double? Ratio => PeerValue is not { } peer || Value <= 0 || peer <= 0 ? null : LowerIsBetter ? peer / Value : Value / peer;

    /// <summary>As <c>bench --json</c> prints it; what does not apply is absent.</summary>
    public JsonObject ToJson()
    {
        var row = new JsonObject { ["name"] = Name, ["value"] = Round(Value), ["unit"] = Unit };
        if (Peer is not null)
            row["peer"] = Peer;
        if (PeerValue is { } peerValue)
            row["peer_value"] = Round(peerValue);
        if (Ratio is { } ratio)
            row["ratio"] = Round(ratio);
        if (Limit is not null)
            row["limit"] = Limit;
        if (LimitValue is { } limitValue)
            row["limit_value"] = Round(limitValue);
        return row;
    }

    /// <summary>One line for a person.</summary>
    public override string ToString()
    {
        var text = $"{Name}: {Round(Value)} {Unit}";
        if (PeerValue is { } peer)
            text += $"; {Peer}: {Round(peer)} {Unit}, ratio {Ratio:0.000}";
        if (Limit is not null)
            text += $"; {Limit}{(LimitValue is { } value ? $": {Round(value)}" : string.Empty)}";
        return text;
    }

    /// <summary>Prints the rows: an array under <c>--json</c>, lines otherwise.</summary>
    public static void Print(IReadOnlyList<BenchRow> rows, CommonSettings settings)
    {
        if (settings.Json)
        {
            Answer.Json(new JsonArray([.. rows.Select(static r => r.ToJson())]));
            return;
        }

        foreach (var row in rows)
            Answer.Line(row.ToString());
    }

    // Four figures say all that a timing knows.
    private static double Round(double value) => value == 0 || !double.IsFinite(value) ? 0 : Math.Round(value, Math.Clamp(4 - (int)Math.Ceiling(Math.Log10(Math.Abs(value))), 0, 15));
}
