using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Microtome.Server.Tests;

/// <summary>A server that listens on a port of this machine: limits of Kestrel, raw requests and shutdown show themselves only there.</summary>
internal sealed class ListeningServer : IAsyncDisposable
{
    private ListeningServer(WebApplication app)
    {
        App = app;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, Expect100ContinueTimeout = TimeSpan.FromMinutes(1) }) { BaseAddress = Address };
    }

    public WebApplication App { get; }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public static async Task<ListeningServer> StartAsync(ServerOptions options, bool warmUp = false)
    {
        var app = ServerHost.Create(options with { Url = "http://127.0.0.1:0", WarmUp = warmUp });
        await app.StartAsync();
        return new ListeningServer(app);
    }

    /// <summary>Sends a request line as it is, which an HTTP client would tidy up first, and returns the whole answer.</summary>
    public async Task<string> RawAsync(string target)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(Address.Host, Address.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes($"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"));
        using var answer = new MemoryStream();
        await stream.CopyToAsync(answer);
        return Encoding.Latin1.GetString(answer.ToArray());
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.StopAsync();
        await App.DisposeAsync();
    }
}
