package dev.recount.serving.http;

import dev.recount.core.Json;
import dev.recount.error.ErrorCode;
import dev.recount.serving.request.RequestId;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.handler.ErrorHandler;

/** Answers requests that the HTTP server itself refuses in the form of {@link HttpErrors}. */
final class ServerErrors extends ErrorHandler {
  private static final String TYPE = "application/json; charset=utf-8";

  @Override
  protected void generateAcceptableResponse(
      Request base,
      HttpServletRequest request,
      HttpServletResponse response,
      int status,
      String reason)
      throws IOException {
    String id = RequestId.of(request);
    if (id == null) {
      // The server itself refuses what asks for no path ("*"), before anybody sees it.
      id = RequestId.create();
      response.setHeader(RequestId.HEADER, id);
    }
    response.setContentType(TYPE);
    response.getOutputStream().write(body(status, reason, id));
    base.setHandled(true);
  }

  @Override
  public boolean errorPageForMethod(String method) {
    return true;
  }

  @Override
  public ByteBuffer badMessageError(int status, String reason, HttpFields.Mutable fields) {
    String id = RequestId.create();
    fields.put(HttpHeader.CONTENT_TYPE, TYPE);
    fields.put(RequestId.HEADER, id);
    return ByteBuffer.wrap(body(status, reason, id));
  }

  private static byte[] body(int status, String reason, String requestId) {
    // A version of HTTP or a method that the server does not speak is no failure of ours.
    boolean isTheirs =
        status < HttpServletResponse.SC_INTERNAL_SERVER_ERROR
            || status == HttpServletResponse.SC_NOT_IMPLEMENTED
            || status == HttpServletResponse.SC_HTTP_VERSION_NOT_SUPPORTED;
    HttpErrors.Body body =
        new HttpErrors.Body(
            isTheirs ? ErrorCode.REQUEST_INVALID : ErrorCode.INTERNAL,
            "Cannot read the request: "
                + (reason == null ? "HTTP status " + status : reason)
                + "; see docs/http.md",
            Map.of(),
            requestId);
    return Json.write(body).getBytes(StandardCharsets.UTF_8);
  }
}
