package dev.recount.serving.dialect;

import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.util.SqlShuttle;

/** Reads columns without the name of the one view, such as {@code traffic.method}. */
final class Unqualified extends SqlShuttle {
  @Override
  public SqlNode visit(SqlIdentifier name) {
    return name.isSimple() || name.isStar() ? name : name.getComponent(name.names.size() - 1);
  }
}
