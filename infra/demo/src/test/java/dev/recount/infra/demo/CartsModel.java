package dev.recount.infra.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Shopping carts, now. */
final class CartsModel implements ReadModel {
  private final Map<String, Integer> quantities = new HashMap<>();

  @Override
  public String section() {
    return "Shopping carts";
  }

  @Override
  public String event() {
    return "cart_change";
  }

  @Override
  public String view() {
    return "carts";
  }

  /** As the shop does: it knows what is in the cart, and says what is there after a change. */
  @Override
  public Map<String, Object> draw(Random random) {
    String cart = ReadModel.pick(random, "cart-");
    String product = "product-" + random.nextInt(8);
    int before = quantities.getOrDefault(cart + product, 0);
    String action =
        before == 0
            ? "ADD_TO_CART"
            : List.of("ADD_TO_CART", "UPDATE_CART_QUANTITY", "REMOVE_FROM_CART")
                .get(random.nextInt(3));
    int some = 1 + random.nextInt(5);
    int after =
        switch (action) {
          case "ADD_TO_CART" -> before + some;
          case "UPDATE_CART_QUANTITY" -> some;
          default -> 0;
        };
    quantities.put(cart + product, after);
    return Map.of("cart_id", cart, "product_id", product, "action", action, "quantity", after);
  }

  @Override
  public String everything() {
    return "SELECT cart_id, product_id, MEASURE(quantity), MEASURE(last_change),"
        + " MEASURE(changed_at) FROM carts GROUP BY cart_id, product_id";
  }

  @Override
  public List<List<Object>> state(List<JsonNode> events) {
    List<List<Object>> rows = new ArrayList<>();
    ReadModel.byTime(events, "cart_id", "product_id")
        .forEach(
            (group, changes) -> {
              JsonNode last = ReadModel.last(changes);
              rows.add(
                  List.of(
                      group.get(0),
                      group.get(1),
                      last.path("quantity").asInt(),
                      last.path("action").asText(),
                      ReadModel.time(last)));
            });
    return rows;
  }

  @Override
  public List<List<Object>> page(List<JsonNode> events) {
    Map<String, List<Object>> products = new TreeMap<>();
    for (List<Object> row : state(events)) {
      if (row.get(0).equals("cart-7") && (Integer) row.get(2) > 0) {
        products.put((String) row.get(1), List.of(row.get(1), row.get(2), row.get(3)));
      }
    }
    return List.copyOf(products.values());
  }
}
